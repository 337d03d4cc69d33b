"""records of runs

Revision ID: run_records
Revises: evidence
"""

import sqlalchemy as sa
from alembic import op

import models.base


revision = 'run_records'
down_revision = 'evidence'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'matching_record',
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('kept_at', models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column('data', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['run_id'], ['matching_run.id'], name=op.f('fk_matching_record_run_id')),
        sa.PrimaryKeyConstraint('run_id', name=op.f('pk_matching_record')),
    )
    op.create_index('ix_matching_record_kept_at', 'matching_record', ['kept_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_matching_record_kept_at', 'matching_record')
    op.drop_table('matching_record')
