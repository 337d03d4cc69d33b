"""terms, and the staff and equipment of activities

Revision ID: 202611250650
Revises: commitments
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = '202611250650'
down_revision = 'commitments'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('term',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('name_zh', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name_en', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.CheckConstraint('starts_on <= ends_on', name=op.f('ck_term_order')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_term_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_term')),
    sa.UniqueConstraint('code', name=op.f('uq_term_code'))
    )
    op.create_table('series_staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_series_staff_person_id')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_series_staff_series_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series_staff')),
    sa.UniqueConstraint('series_id', 'person_id', name=op.f('uq_series_staff_series_id_person_id'))
    )
    with op.batch_alter_table('series_staff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_series_staff_series_id'), ['series_id'], unique=False)

    op.create_table('series_use',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('equipment_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_series_use_quantity')),
    sa.ForeignKeyConstraint(['equipment_id'], ['equipment.id'], name=op.f('fk_series_use_equipment_id')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_series_use_series_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series_use')),
    sa.UniqueConstraint('series_id', 'equipment_id', name=op.f('uq_series_use_series_id_equipment_id'))
    )
    with op.batch_alter_table('series_use', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_series_use_series_id'), ['series_id'], unique=False)

    op.create_table('activity_staff',
    sa.Column('activity_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_activity_staff_activity_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_activity_staff_person_id')),
    sa.PrimaryKeyConstraint('activity_id', 'person_id', name=op.f('pk_activity_staff'))
    )
    with op.batch_alter_table('activity_staff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_activity_staff_person_id'), ['person_id'], unique=False)

    op.create_table('activity_use',
    sa.Column('activity_id', sa.Integer(), nullable=False),
    sa.Column('equipment_id', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_activity_use_quantity')),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_activity_use_activity_id')),
    sa.ForeignKeyConstraint(['equipment_id'], ['equipment.id'], name=op.f('fk_activity_use_equipment_id')),
    sa.PrimaryKeyConstraint('activity_id', 'equipment_id', name=op.f('pk_activity_use'))
    )
    with op.batch_alter_table('activity_use', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_activity_use_equipment_id'), ['equipment_id'], unique=False)

    with op.batch_alter_table('series', schema=None) as batch_op:
        batch_op.add_column(sa.Column('make_up_days', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default='skip'))
        batch_op.add_column(sa.Column('held_in', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default='always'))

    with op.batch_alter_table('venue', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lon', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('lat', sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column('venue', 'lat')
    op.drop_column('venue', 'lon')

    op.drop_column('series', 'held_in')
    op.drop_column('series', 'make_up_days')

    with op.batch_alter_table('activity_use', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_activity_use_equipment_id'))

    op.drop_table('activity_use')
    with op.batch_alter_table('activity_staff', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_activity_staff_person_id'))

    op.drop_table('activity_staff')
    with op.batch_alter_table('series_use', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_series_use_series_id'))

    op.drop_table('series_use')
    with op.batch_alter_table('series_staff', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_series_staff_series_id'))

    op.drop_table('series_staff')
    op.drop_table('term')
