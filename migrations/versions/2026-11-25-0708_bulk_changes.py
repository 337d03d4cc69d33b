"""changes of many activities, to be undone in one step

Revision ID: 202611250708
Revises: policies
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = '202611250708'
down_revision = 'policies'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bulk_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hub_id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=True),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('done_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sentence_zh', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sentence_en', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('undone_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('undone_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_bulk_change_by_id')),
    sa.ForeignKeyConstraint(['hub_id'], ['hub.id'], name=op.f('fk_bulk_change_hub_id')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_bulk_change_series_id')),
    sa.ForeignKeyConstraint(['undone_by_id'], ['person.id'], name=op.f('fk_bulk_change_undone_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_change'))
    )
    with op.batch_alter_table('bulk_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_bulk_change_hub_id'), ['hub_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('bulk_change', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_bulk_change_hub_id'))

    op.drop_table('bulk_change')
